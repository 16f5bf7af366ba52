export default record => record;
