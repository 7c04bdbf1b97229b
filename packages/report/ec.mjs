import { LineChart, BarChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
use([LineChart,BarChart,GridComponent,LegendComponent,TitleComponent,SVGRenderer])
for (const k of [1,2]) {
const c = init(null,null,{renderer:'svg',ssr:true,width:400,height:240})
c.setOption({animation:false,title:{text:'a <b> & c',subtext:'sub'},legend:{silent:true,data:['s']},backgroundColor:'#ffffff',grid:{},xAxis:{type:'log',logBase:2},yAxis:{type:'value'},series:[{name:'s',silent:true,emphasis:{disabled:true},type:'line',itemStyle:{color:'#2f6fd0'},lineStyle:{color:'#2f6fd0',type:'dashed'},data:[[1,2],[2,4],[4,5]]},{name:'b',type:'bar',silent:true,data:[[1,1]],itemStyle:{color:'#e0722a',opacity:.5}}]})
console.log(c.renderToSVGString({useViewBox:true}))
}
